"""What an expression stands for (`types`): by what is called or entered (`calls`), by what it is
annotated with (`annotations`), each evaluated once (`evaluation`).
"""
