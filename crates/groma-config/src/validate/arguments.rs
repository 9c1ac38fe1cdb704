//! What goes into modules and comes out of the root: the arguments of calls
//! against the variables of the modules, and outputs that cannot be stored.

use crate::content::did_you_mean;
use crate::model::ModuleNode;
use groma_lang::Diagnostics;

/// Checks all calls below a module.
pub(super) fn check(node: &ModuleNode, diags: &mut Diagnostics) {
    for o in node.module.outputs.values().filter(|o| o.ephemeral && node.path.is_root()) {
        diags.error(
            o.span,
            "Ephemeral output not allowed",
            "Outputs of the root module are stored in the state, and what is ephemeral is never stored.",
        );
    }
    for (name, child) in &node.children {
        let Some(call) = node.module.calls.get(name) else { continue };
        let variables = &child.module.variables;
        for (name, v) in variables {
            if v.default.is_none() && call.body.attribute(name).is_none() {
                diags.error(
                    call.span,
                    "Missing required argument",
                    format!("The argument \"{name}\" must be set: the variable has no default."),
                );
            }
        }
        for a in &call.body.attributes {
            let name = &a.name.name;
            if let Some(why) = variables.get(name).and_then(|v| v.deprecated.as_ref()) {
                diags.warning(
                    a.name.span,
                    "Deprecated input variable",
                    format!("The variable \"{name}\" should not be set any more: {why}"),
                );
            }
            if variables.contains_key(name) || call.body.json && &**name == "//" {
                continue;
            }
            let hint = did_you_mean(name, variables.keys().map(|k| &**k));
            diags.error(
                a.name.span,
                "Unsupported argument",
                format!("The module in {} has no variable \"{name}\".{hint}", child.module.dir.display()),
            );
        }
        check(child, diags);
    }
}
