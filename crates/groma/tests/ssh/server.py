"""An SSH server for the tests: asyncssh on a port of its own on loopback.

Called with an empty folder, where it puts keys of several kinds that it lets in. It prints one line of JSON with its port and its host key, and ends
when its standard input does. What clients ask for is in `log` in the folder, a JSON object a line.

A command that prints CUT loses its connection. With the argument `no-scp` there is no program scp.
"""

import asyncio
import json
import os
import signal
import sys

import asyncssh

USER = "deploy"
PASSWORD = "correct horse"


class Server(asyncssh.SSHServer):
    def __init__(self, folder, note):
        self.folder, self.note = folder, note

    def connection_made(self, conn):
        self.conn = conn
        self.note("connection")

    def connection_requested(self, dest_host, dest_port, orig_host, orig_port):
        self.note("forward", host=dest_host, port=dest_port)
        return True

    def begin_auth(self, username):
        self.user = username
        return True

    def password_auth_supported(self):
        return self.user != "interactive"

    def validate_password(self, username, password):
        good = username == USER and password == PASSWORD
        self.note("password", user=username, good=good)
        return good

    def kbdint_auth_supported(self):
        return self.user == "interactive"

    def get_kbdint_challenge(self, username, lang, submethods):
        return "", "", "", [("Password:", False)]

    def validate_kbdint_response(self, username, responses):
        good = responses == [PASSWORD]
        self.note("interactive", user=username, good=good)
        return good

    def auth_completed(self):
        user = self.conn.get_extra_info("username")
        self.note("authenticated", user=user)


async def pump(read, write):
    """Copies until the end; what cannot be written any more is dropped."""
    try:
        while data := await read(65536):
            write(data)
    except (asyncssh.Error, OSError):
        pass


async def handle(process, note, environment):
    command = process.command
    note("exec", command=command, pty=process.term_type is not None)
    environment = dict(environment)
    agent = process.channel.get_agent_path()
    if agent:
        environment["SSH_AUTH_SOCK"] = agent
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_shell(
        command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, start_new_session=True
    )

    async def feed():
        await pump(process.stdin.read, child.stdin.write)
        child.stdin.close()

    def show(data):
        process.stdout.write(data)
        if b"CUT" in data:
            process.channel.get_connection().abort()

    async def output():
        await asyncio.gather(
            pump(child.stdout.read, show), pump(child.stderr.read, process.stderr.write)
        )
        return await child.wait()

    feeding = asyncio.create_task(feed())
    finished = asyncio.create_task(output())
    closed = asyncio.create_task(process.wait_closed())
    await asyncio.wait([finished, closed], return_when=asyncio.FIRST_COMPLETED)
    if not finished.done():
        # As sshd does with a terminal: what ran there is hung up.
        note("hangup", command=command)
        os.killpg(child.pid, signal.SIGHUP)
    code = await finished
    feeding.cancel()
    if code < 0:
        process.exit_with_signal(signal.Signals(-code).name.removeprefix("SIG"))
    else:
        process.exit(code)


def make_keys(folder):
    """What the server lets in: a key of each kind that configurations have, and a certificate."""
    allowed = b""
    for name, kind, form in [
        ("ed25519", "ssh-ed25519", "openssh"),
        ("rsa", "ssh-rsa", "pkcs1-pem"),
        ("rsa8", "ssh-rsa", "pkcs8-pem"),
        ("ecdsa", "ecdsa-sha2-nistp256", "pkcs1-pem"),
    ]:
        key = asyncssh.generate_private_key(kind)
        key.write_private_key(os.path.join(folder, name), form)
        os.chmod(os.path.join(folder, name), 0o600)
        allowed += key.export_public_key()
    authority = asyncssh.generate_private_key("ssh-ed25519")
    allowed += b"cert-authority " + authority.export_public_key()
    certified = asyncssh.generate_private_key("ssh-ed25519")
    certified.write_private_key(os.path.join(folder, "certified"))
    certificate = authority.generate_user_certificate(certified, "test", principals=[USER])
    certificate.write_certificate(os.path.join(folder, "certified-cert.pub"))
    locked = asyncssh.generate_private_key("ssh-ed25519")
    locked.write_private_key(os.path.join(folder, "locked"), "pkcs8-pem", "secret")
    with open(os.path.join(folder, "authorized_keys"), "wb") as file:
        file.write(allowed)


async def main():
    folder = sys.argv[1]
    make_keys(folder)
    log = open(os.path.join(folder, "log"), "a", buffering=1)

    def note(what, **more):
        log.write(json.dumps({"what": what, **more}) + "\n")

    environment = dict(os.environ)
    if "no-scp" in sys.argv:
        environment["PATH"] = folder
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.create_server(
        lambda: Server(folder, note),
        "127.0.0.1",
        0,
        server_host_keys=[host_key],
        authorized_client_keys=os.path.join(folder, "authorized_keys"),
        process_factory=lambda process: handle(process, note, environment),
        encoding=None,
        agent_forwarding=True,
    )
    key = host_key.export_public_key().decode().strip()
    print(json.dumps({"port": server.get_port(), "host_key": key}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    os._exit(0)


asyncio.run(main())
