"""A calculation is stopped after an error, and not for a client that leaves."""


class Calculator:
    async def results(self, order):
        number = self.begin(order)
        try:
            async for result in self.run(number):
                yield result
        finally:
            self._abort(number)
