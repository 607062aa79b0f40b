"""A Modbus/TCP device of others: pymodbus, with registers that start at 7. Prints every message that reaches it."""

import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer


def traced(sending, data):
    if not sending and data:
        print("got", data.hex(), flush=True)
    return data


async def main(address, port):
    # Sequential blocks count from 1, the wire from 0.
    holding = ModbusSequentialDataBlock(1, [7] * 100)
    context = ModbusServerContext(slaves=ModbusSlaveContext(hr=holding), single=True)
    identity = ModbusDeviceIdentification(info_name={"VendorName": "Nobody", "ProductCode": "PM-0"})
    server = ModbusTcpServer(context, identity=identity, address=(address, int(port)), trace_packet=traced)
    serving = asyncio.ensure_future(server.serve_forever(background=True))
    await serving
    print("ready", flush=True)
    # Ends with whoever started it.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.shutdown()


asyncio.run(main(*sys.argv[1:]))
