"""Is what happened still what was sealed? A Merkle tree over all events, signed roots outside the database, receipts."""
