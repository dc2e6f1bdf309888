"""A request, sent once for each moment at which its client can leave, and what is wrong then.

Each exchange is a visit (`visit`): a request (`request`) under a step of the plan (`steps`), sent
by a server of our own (`conversation`) on a loop of our own (`loops`). What the application did and
left open is seen by `watching`, judged by `findings`, and gathered by `sweep`.
"""
