"""What the body of a function holds: its statements (`bodies`), to what they ask for (`asking`),
bind (`locals`), hold at their yields (`holding`) and enter by hand (`entering`).
"""
