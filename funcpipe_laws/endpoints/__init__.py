"""What an ASGI application leaves behind when its client leaves, is slow, or its task is cancelled.

`sweeping` visits the application, `reporting` writes what was found. `disconnects` is what a test
calls, `plugin` is `pytest --stream-endpoints`, whose sweeps run in a process of their own
(`child`).
"""
