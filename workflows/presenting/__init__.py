"""What pages show: plain data made of models, so that templates decide nothing."""
