"""What happens in a step? The order of the steps, the flow through them, proofs, checklist and report.

Every front end drives these functions; none of them knows which front end it is.
"""
