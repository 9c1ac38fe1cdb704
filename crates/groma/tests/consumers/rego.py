"""Evaluates the sets of a Rego package on a plan: rego.py RULES PLAN."""

import json
import sys

from regopy import Interpreter

rules, plan = sys.argv[1:]
rego = Interpreter()
rego.add_module("company", open(rules).read())
rego.set_input(json.load(open(plan)))
found = {}
for name in ["deny", "unknown", "children", "references"]:
    result = json.loads(str(rego.query(f"x = data.company.{name}")))
    found[name] = sorted(result["bindings"]["x"])
print(json.dumps(found))
