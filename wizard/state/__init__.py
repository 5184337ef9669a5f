"""What outlives a run? Journal, draft, keyring and the values kept for later.

All of it lies in the state directory, for its owner alone, and none of it holds a secret outside a keyring.
"""
