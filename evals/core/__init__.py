"""What everything stands on: records, protocols, errors, identities, and files that are appended
to.
"""
