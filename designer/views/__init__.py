"""The pages of the room in which agencies write their procedures."""
