"""The cards on which items are edited: which controls each kind has, and how what was typed becomes the item."""
