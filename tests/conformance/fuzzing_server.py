# SPDX-License-Identifier: Apache-2.0
"""Python 2.7: the Autobahn fuzzing server on a free port of 127.0.0.1, which it says; ends with its standard input.

fuzzing_server.py DIRECTORY SECONDS [KEY CERTIFICATE]. DIRECTORY gets cases.json at the start, and at the end
verdicts.json and the suite's own reports. It differs from `wstest -m fuzzingserver` in three things: it listens on
127.0.0.1 only, it ends by itself, and it sums up the octets of the 9.x cases, which the suite does not compare.
"""

import json
import os
import sys
import threading
import zlib

from autobahntestsuite import choosereactor  # must come before every other import of twisted
from autobahntestsuite import fuzzing
from autobahntestsuite.case import CaseCategories, CaseSubCategories
from twisted.internet import reactor, ssl

# The suite prints as it runs; standard output is for the one line that says the port.
STANDARD_OUTPUT = sys.stdout
DATA_OPCODES = (0, 1, 2)


class Sum(object):
    """Number and CRC-32 of octets."""

    def __init__(self):
        self.octets = 0
        self.crc = 0

    def add(self, data):
        self.octets += len(data)
        self.crc = zlib.crc32(data, self.crc)

    def json(self):
        return {"octets": self.octets, "crc": "%08x" % (self.crc & 0xFFFFFFFF)}


class Protocol(fuzzing.FuzzingServerProtocol):
    """The suite's, with sums of both directions."""

    def connectionMade(self):
        self.sent = Sum()
        self.received = Sum()
        fuzzing.FuzzingServerProtocol.connectionMade(self)

    def is_summed(self):
        return self.runCase is not None and self.factory.CaseSet.caseClasstoId(self.Case).startswith("9.")

    def sendFrame(self, opcode, payload=b"", **options):
        if self.is_summed() and opcode in DATA_OPCODES:
            length = options.get("payload_len")
            if length is None:
                self.sent.add(payload)
            else:
                self.sent.add((payload * (length // len(payload) + 1))[:length])
        fuzzing.FuzzingServerProtocol.sendFrame(self, opcode, payload, **options)

    def onMessage(self, message, is_binary):
        if self.is_summed():
            self.received.add(message)
        fuzzing.FuzzingServerProtocol.onMessage(self, message, is_binary)

    def connectionLost(self, reason):
        fuzzing.FuzzingServerProtocol.connectionLost(self, reason)
        if self.runCase is not None:
            identifier = self.factory.CaseSet.caseClasstoId(self.Case)
            self.factory.sums[self.caseAgent, identifier] = (self.sent, self.received)


class Factory(fuzzing.FuzzingServerFactory):
    """The suite's, which also writes what the command reads."""

    protocol = Protocol

    def __init__(self, spec):
        self.sums = {}
        fuzzing.FuzzingServerFactory.__init__(self, spec)

    def write(self, name, value):
        with open(os.path.join(self.outdir, name), "w") as output:
            json.dump(value, output, indent=1, sort_keys=True)

    def write_cases(self):
        def case(identifier):
            return {
                "id": identifier,
                "description": self.CaseSet.caseClassToPrettyDescription(self.CaseSet.CasesById[identifier]),
            }

        self.write("cases.json", {
            "cases": [case(identifier) for identifier in self.specCases],
            "categories": CaseCategories,
            "sub_categories": CaseSubCategories,
        })

    def write_verdicts(self):
        def verdict(agent, identifier, case):
            sent, received = self.sums[agent, identifier]
            return {
                "behavior": case["behavior"],
                "behavior_close": case["behaviorClose"],
                "result": case["result"],
                "result_close": case["resultClose"],
                "close_code": case["remoteCloseCode"],
                "milliseconds": case["duration"],
                "sent": sent.json(),
                "received": received.json(),
            }

        self.write("verdicts.json", {
            agent: {identifier: verdict(agent, identifier, case) for identifier, case in cases.items()}
            for agent, cases in self.agents.items()
        })


def end_with_standard_input(factory):
    def finish():
        factory.createReports()
        factory.write_verdicts()
        reactor.stop()

    sys.stdin.read()
    reactor.callFromThread(finish)


def main():
    directory, seconds = sys.argv[1], int(sys.argv[2])
    files = sys.argv[3:5]
    sys.stdout = open(os.path.join(directory, "server.log"), "w", 1)
    scheme = "wss" if files else "ws"
    spec = {"url": scheme + "://127.0.0.1", "outdir": directory, "cases": ["*"]}
    factory = Factory(spec)
    factory.write_cases()
    if files:
        port = reactor.listenSSL(0, factory, ssl.DefaultOpenSSLContextFactory(*files), interface="127.0.0.1")
    else:
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    number = port.getHost().port
    # The server compares the port of the Host header with the one that it was told.
    factory.setSessionParameters(url="%s://127.0.0.1:%d" % (scheme, number), server=factory.server)
    reactor.callLater(seconds, reactor.stop)
    reader = threading.Thread(target=end_with_standard_input, args=(factory,))
    reader.daemon = True
    reader.start()
    STANDARD_OUTPUT.write("listening on 127.0.0.1:%d\n" % number)
    STANDARD_OUTPUT.flush()
    reactor.run()


if __name__ == "__main__":
    main()
