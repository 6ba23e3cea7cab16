"""Rules kept by construction: holds, requests of candidates, retention, and erasure with its receipt.

leftovers: files to delete, as rows. traces: where somebody is known outside their own rows. holds: what keeps.
receipts: what is left. erasing: the whole of it in one transaction. requests: what a candidate asks for. stored and
export: all that is stored about one person, for that person. retention: who goes when, and the sweep for it.
"""
