"""The proof: procedures made at random, run at random through the real commands, and held against a second engine.

The second engine (`machine`) knows only the definition and the log of the case. It shares no code with the nodes, so
a case that the two of them see alike is a case whose log tells what happened.
"""
