#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second verifier, written from SPECIFICATION.md, with the standard library only.

usage: verify.py PACKAGE [--key PUBLIC_KEY] [--checkpoint FILE]...
Exit 0: everything holds. 1: it does not. 2: this is no package.
"""
import argparse
import base64
import hashlib
import json
import struct
import sys
import zipfile

# --- Ed25519 verification after RFC 8032, section 5.1.7 ---
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P:
        return None
    return P - x if (x & 1) != sign else x


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return (i * j % P, k * m % P, j * k % P, i * m % P)


def multiply(n, point):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = add(total, point)
        point = add(point, point)
        n >>= 1
    return total


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def ed25519(public, message, signature):
    a, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = multiply(s, BASE), add(r, multiply(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# --- signed notes, section 4 ---
class Broken(Exception):
    pass


def open_note(signed, key):
    try:
        name, number, encoded = key.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        known = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    except ValueError as e:
        raise Broken(f"no public key: {e}")
    if known.hex() != number or len(raw) != 33 or raw[0] != 1:
        raise Broken("no public key: its hash does not fit")
    if not signed.endswith(b"\n"):
        raise Broken("no signed note")
    try:
        text, signatures = signed.decode().split("\n\n", 1)
    except ValueError:
        raise Broken("no signed note")
    text += "\n"
    for line in signatures.splitlines():
        parts = line.split(" ")
        if len(parts) == 3 and parts[0] == "—" and parts[1] == name:
            try:
                blob = base64.b64decode(parts[2], validate=True)
            except ValueError:
                continue
            if blob[:4] == known and len(blob) == 68 and ed25519(raw[1:], text.encode(), blob[4:]):
                return text
    raise Broken("the signature is not by " + name)


def read_checkpoint(signed, key):
    lines = open_note(signed, key).split("\n")
    if not lines[0].startswith("sextant/") or str(int(lines[1])) != lines[1]:
        raise Broken("no checkpoint")
    return lines[0][len("sextant/"):], int(lines[1]), base64.b64decode(lines[2])


# --- the tree, sections 1 and 3 ---
def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def leaf(log, seq, kind, commitment):
    name, sort = log.encode(), kind.encode()
    record = b"\x01" + struct.pack(">H", len(name)) + name + struct.pack(">QH", seq, len(sort)) + sort + commitment
    return sha(b"\x00", record)


class Tree:
    def __init__(self):
        self.size, self.edge = 0, []

    def append(self, h):
        n = self.size
        while n & 1:
            h = sha(b"\x01", self.edge.pop(), h)
            n >>= 1
        self.edge.append(h)
        self.size += 1

    def root(self):
        if not self.edge:
            return sha(b"")
        h = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            h = sha(b"\x01", left, h)
        return h


def verify(path, pinned=None, given=()):
    findings = []
    try:
        archive = zipfile.ZipFile(path)
        names = archive.namelist()
        data = archive.read("package.json")
        contents = json.loads(data)
        log = contents["log"]
        for m in contents["members"]:
            if set(m) != {"name", "sha256", "size"} or not isinstance(m["name"], str):
                raise Broken("package.json lists a member in another form")
    except Exception as e:
        print(f"this is no package: {e}", file=sys.stderr)
        return 2
    if contents.get("format") != 1 or set(contents) != {"format", "log", "created", "lines", "members"}:
        findings.append("package.json is of another format")
    if len(set(names)) != len(names):
        findings.append("a name is in the package twice")
    members = {}
    for m in contents["members"]:
        try:
            members[m["name"]] = archive.read(m["name"])
        except Exception as e:
            findings.append(f"{m['name']}: {e}")
            continue
        sum_ = hashlib.sha256(members[m["name"]]).hexdigest()
        if sum_ != m["sha256"]:
            findings.append(f"{m['name']}: its bytes are not those that were signed")
        if m["name"].startswith("blobs/") and m["name"][len("blobs/"):] != sum_:
            findings.append(f"{m['name']}: not the hash it is named by")
    for name in names:
        if name not in members and name not in ("package.json", "package.sig"):
            findings.append(f"{name}: not in the contents")
    brought = members.get("public-key", b"").decode(errors="replace").strip()
    key = pinned.strip() if pinned else brought
    if key.split("+")[0] != "sextant/" + str(log):
        findings.append("package.json: of another log than the key")
    if pinned and key != brought:
        findings.append("public-key: another key than the one given")
    try:
        text = open_note(archive.read("package.sig"), key)
        if text != f"sextant/{log}\npackage\n{hashlib.sha256(data).hexdigest()}\n":
            findings.append("package.json: not what was signed")
    except Exception as e:
        findings.append(f"package.sig: {e}")
    points = []
    notes = [("checkpoint", members.get("checkpoint", b""))]
    notes += [(n, members[n]) for n in sorted(members) if n.startswith("checkpoints/")]
    notes += [("given checkpoint", g) for g in given]
    for name, signed in notes:
        try:
            their_log, size, root = read_checkpoint(signed, key)
            if their_log != log:
                raise Broken("of another log")
            if name == "checkpoint" and size != contents["lines"]:
                raise Broken("over another number of lines")
            points.append([name, size, root, False])
        except Exception as e:
            findings.append(f"{name}: {e}")
    tree, erased, erasures = Tree(), {}, {}

    def meet():
        for p in points:
            if not p[3] and p[1] == tree.size:
                p[3] = True
                if p[2] != tree.root():
                    findings.append(f"{p[0]}: the first {p[1]} lines are not those that were sealed")

    meet()
    for raw in members.get("journal.jsonl", b"").split(b"\n"):
        if not raw:
            continue
        try:
            line = json.loads(raw)
            if "erased" in line:
                if set(line) != {"seq", "kind", "commitment", "erased"}:
                    raise Broken("unknown keys")
                commitment = base64.b64decode(line["commitment"], validate=True)
                erased[line["seq"]] = line["erased"]
            else:
                if not set(line) <= {"seq", "kind", "salt", "line"}:
                    raise Broken("unknown keys")
                salt, content = base64.b64decode(line["salt"], validate=True), base64.b64decode(line.get("line", ""), validate=True)
                if len(salt) != 32:
                    raise Broken("no salt")
                commitment = sha(salt, content)
                if line["kind"] == "erasure":
                    erasures[line["seq"]] = json.loads(content)
            if len(commitment) != 32 or line["seq"] != tree.size + 1:
                findings.append(f"line {line['seq']}: out of order")
            tree.append(leaf(log, line["seq"], line["kind"], commitment))
            meet()
        except Exception as e:
            findings.append(f"journal.jsonl: {e}")
    for p in points:
        if not p[3]:
            findings.append(f"{p[0]}: over {p[1]} lines, the log has {tree.size}")
    for seq, by in sorted(erased.items()):
        record = erasures.get(by)
        if record is None or seq not in record.get("seqs", []):
            findings.append(f"line {seq}: removed, and no sealed erasure names it")
        else:
            print(f"line {seq} erased under rule {record['rule']} by {record['by']}")
    for f in findings:
        print("✗ " + f)
    print("FAILED" if findings else f"VERIFIED {tree.size} lines of {log}" + ("" if pinned or given else ": it agrees with itself and proves no more"))
    return 1 if findings else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("package")
    parser.add_argument("--key")
    parser.add_argument("--checkpoint", action="append", default=[])
    arguments = parser.parse_args()
    older = []
    for name in arguments.checkpoint:
        with open(name, "rb") as f:
            older.append(f.read())
    sys.exit(verify(arguments.package, arguments.key, older))
