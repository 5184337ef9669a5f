"""What is true of Postal? Its replies, its pages, its web interface and its HTTP API.

Statements about Postal are made here once, with their source.
"""
