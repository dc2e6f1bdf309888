"""How a description is run: opened, driven, fused, fed by tasks, unwound and released."""
