"""Code that may exit, hang or crash: in a process of its own, ended when it does not return."""
