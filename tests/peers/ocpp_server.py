# SPDX-License-Identifier: Apache-2.0
"""A central system for Zephyr's OCPP sample: the `ocpp` package checks every message against the schemas of OCPP 1.6."""

import asyncio
import datetime
import sys

import contract
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from websockets.asyncio.server import serve

PATH = "/steve/websocket/CentralSystemService/zephyr"
TAGS = ("ZepId00", "ZepId01")
REMOTE_TAG = "Remote"
ACCEPTED = {"status": "Accepted"}
STEP_SECONDS = 30


class CentralSystem(ChargePoint):
    """Accepts what the sample asks for, and asks it for something itself while both of its connectors charge."""

    def __init__(self, connection):
        super().__init__("zephyr", connection)
        self.tags = set()
        self.running = {}
        self.transactions = 0
        self.metered = set()
        self.changed = asyncio.Condition()
        self.is_done = False

    async def _change(self):
        async with self.changed:
            self.changed.notify_all()

    async def _until(self, what, is_true):
        try:
            async with asyncio.timeout(STEP_SECONDS), self.changed:
                await self.changed.wait_for(is_true)
        except TimeoutError as error:
            raise RuntimeError(f"the charge point: no {what}") from error

    @on("BootNotification")
    async def boot(self, charge_point_model, charge_point_vendor, **_):
        """The first thing it says."""
        assert (charge_point_model, charge_point_vendor) == ("basic", "zephyr")
        return call_result.BootNotification(current_time=now(), interval=3, status="Accepted")

    @on("Heartbeat")
    async def beat(self):
        """Every few seconds."""
        return call_result.Heartbeat(current_time=now())

    @on("Authorize")
    async def authorize(self, id_tag):
        """Each connector has its own."""
        self.tags.add(id_tag)
        return call_result.Authorize(id_tag_info=ACCEPTED)

    @on("StartTransaction")
    async def start_transaction(self, connector_id, id_tag, **_):
        """Only with what was authorised."""
        assert id_tag in self.tags
        self.transactions += 1
        self.running[connector_id] = self.transactions
        await self._change()
        return call_result.StartTransaction(transaction_id=self.transactions, id_tag_info=ACCEPTED)

    @on("MeterValues")
    async def meter(self, connector_id, transaction_id, meter_value):
        """Of the transaction that runs."""
        assert self.running.get(connector_id) == transaction_id
        assert int(meter_value[0]["sampled_value"][0]["value"]) > 0
        self.metered.add(transaction_id)
        await self._change()
        return call_result.MeterValues()

    @on("StopTransaction")
    async def stop_transaction(self, transaction_id, **_):
        """The sample ends all that run after half a minute: by then everything must have been seen."""
        (connector,) = (one for one, running in self.running.items() if running == transaction_id)
        del self.running[connector]
        await self._change()
        assert transaction_id == 2 or self.is_done
        return call_result.StopTransaction(id_tag_info=ACCEPTED)

    async def ask(self, request, status):
        """A request of this end, and a ping behind the answer."""
        answer = await self.call(request, suppress=False)
        assert answer.status == status, answer
        async with asyncio.timeout(STEP_SECONDS):
            await (await self._connection.ping())

    async def orders(self):
        """What a central system may want."""
        await self._until("two transactions", lambda: len(self.running) == len(TAGS))
        assert self.tags == set(TAGS)
        interval = {"key": "MeterValueSampleInterval", "value": "1"}
        await self.ask(call.ChangeConfiguration(**interval), "Accepted")
        await self.ask(call.ChangeConfiguration(key="Nothing", value="1"), "NotSupported")
        await self.ask(call.UnlockConnector(connector_id=1), "Unlocked")
        await self._until("meter values", lambda: set(self.running.values()) <= self.metered)
        second = next(connector for connector, running in self.running.items() if running == 2)
        await self.ask(call.RemoteStopTransaction(transaction_id=2), "Accepted")
        await self._until("stop", lambda: second not in self.running)
        # It says nothing of it when the connector is free again.
        await asyncio.sleep(3)
        remote = call.RemoteStartTransaction(id_tag=REMOTE_TAG, connector_id=second)
        await self.ask(remote, "Accepted")
        await self._until("transaction of ours", lambda: self.running.get(second) == 3)
        assert REMOTE_TAG in self.tags
        await self._until("meter values of it", lambda: 3 in self.metered)
        self.is_done = True


def now():
    """The time as OCPP writes it."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def handle(connection):
    """One charge point; whatever is wrong ends its connection, so that it cannot come to its own end."""
    assert connection.request.path == PATH and connection.subprotocol == "ocpp1.6"
    system = CentralSystem(connection)
    orders = asyncio.create_task(system.orders())
    served = asyncio.create_task(system.start())
    done, _ = await asyncio.wait({orders, served}, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        if task.exception() is not None:
            print(f"ocpp_server: {task.exception()!r}", file=sys.stderr)
    for task in (orders, served):
        task.cancel()


async def main():
    """Serves until standard input ends."""
    options = {"compression": None, "ping_interval": None}
    async with serve(handle, "127.0.0.1", 0, subprotocols=["ocpp1.6"], **options) as server:
        contract.listening(server.sockets[0].getsockname()[1])
        await contract.end_of_input()


asyncio.run(main())
