"""Locks held while the consumer runs: silent where the stream reads on, its source its own."""


# ---------------------------------------------------------------- silence

class Quiet:
    async def read_under_the_lock(self):
        async with self._lock:
            async for item in self.source:
                yield item

    async def pulled_under_the_lock(self):
        async with self._lock:
            while True:
                item = await self.queue.get()
                yield item

    async def awaited_between_items(self):
        async with self._lock:
            for item in self.items:
                yield item
                await self.sent(item)

    async def two_loops(self):
        async with self._lock:
            async for page in self.pages:
                for item in page:
                    yield item

    async def made_under_the_lock(self):
        async with self._lock:
            for item in answers(self.model):
                yield item

    async def made_by_a_method(self):
        async with self._lock:
            for item in self.answers():
                yield item

    def answers(self):
        for word in self.model:
            yield word.text

    async def made_by_a_function_inside(self):
        def answer():
            for word in self.model:
                yield word.text

        async with self._lock:
            for item in answer():
                yield item


def answers(model):
    for word in model:
        yield word.text


def answers_at_once(model):
    return [word.text for word in model]


# ---------------------------------------------------------------- violations

class Loud:
    async def held_for_one_item(self, request):
        async with self._lock:
            response = yield request  # error: FP307
            await self.log(response)

    async def what_is_there_already(self):
        async with self._lock:
            for item in self.items:
                yield item  # error: FP307

    async def made_before(self):
        async with self._lock:
            for item in answers_at_once(self.model):
                yield item  # error: FP307

    async def all_made_before(self):
        async with self._lock:
            for item in list(answers(self.model)):
                yield item  # error: FP307

    async def read_before(self):
        async with self._lock:
            async for item in self.source:
                self.items.append(item)
            for item in self.items:
                yield item  # error: FP307

    async def the_lock_is_inside_the_loop(self):
        async for item in self.source:
            async with self._lock:
                yield item  # error: FP307

    async def a_lock_under_another(self):
        async with self._outer_lock:
            async for item in self.source:
                async with self._lock:
                    yield item  # error: FP307
