"""What several rules ask: what a `with` item holds, what starts a task, what a handler takes."""
