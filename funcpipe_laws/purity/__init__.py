"""Every builder of a package, built under watch: `pytest --purity package`.

`find` lists the builders, by what the linter knows; `arguments` makes what they are called with;
`trial` builds one, in a process of its own (`child`); `record` counts; `plugin` is the test run.
"""
