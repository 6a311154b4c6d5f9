"""Pages of citizens (`citizen`, `filling`) and of officials (`desk`, `acts`)."""
