"""What an ASGI application leaves behind when its client leaves, is slow, or its task is cancelled.

A request (`request`) is sent once for each step of a plan (`steps`) by a server of our own
(`conversation`) on a loop of our own (`loops`). One such exchange is a visit (`visit`); what it did
and left open is seen by `watching`, judged by `findings`, gathered by `sweep`, drawn by `picture`,
and written by `text` and `record`. `disconnects` is what a test calls, `plugin` is
`pytest --stream-endpoints`, whose sweeps run in a process of their own (`child`).
"""
