"""A Modbus/TCP client of others: pymodbus. Does what the JSON list says, [[method, {argument: value}], ...], and prints
what comes of each: `ok` with what was read, or `exception` with its code."""

import json
import sys

from pymodbus.client import ModbusTcpClient

host, port, steps = sys.argv[1:]
client = ModbusTcpClient(host, port=int(port), timeout=5, retries=0)
assert client.connect(), "no connection"
for method, arguments in json.loads(steps):
    answer = getattr(client, method)(**arguments)
    if answer.isError():
        print("exception", answer.exception_code, flush=True)
    elif method == "read_device_information":
        print("ok", answer.information[0].decode(), flush=True)
    else:
        print("ok", *(answer.registers if "read" in method else []), flush=True)
client.close()
