"""The pretend DNS: an authoritative server, a resolver and the zone of each scenario.

Made with dnslib.
"""
