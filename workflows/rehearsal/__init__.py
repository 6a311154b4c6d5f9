"""A rehearsal (ensayo): a procedure played on the production engine, in a transaction that is always rolled back.

Test-drive, saved tests, replay and `procedures test` all come through here, so that what they show is what happens.
"""
