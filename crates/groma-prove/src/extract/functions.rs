//! What turns requests of the internet into calls of Lambda functions.

use super::build::*;
use super::managed::tcp;
use super::read::{Known, View};
use super::subnets::push_new;
use crate::model::*;

const FUNCTION: &str = "aws_lambda_function";

/// Attributes that name a function, or are a document that may name functions (OpenAPI).
const CALLERS: [(&str, &str); 7] = [
    ("aws_apigatewayv2_integration", "integration_uri"),
    ("aws_api_gateway_integration", "uri"),
    // "Create an HTTP API": quick create.
    ("aws_apigatewayv2_api", "target"),
    // "x-amazon-apigateway-integration object".
    ("aws_apigatewayv2_api", "body"),
    ("aws_api_gateway_rest_api", "body"),
    ("aws_api_gateway_rest_api_put", "body"),
    ("aws_appsync_datasource", "lambda_config.function_arn"),
];

impl<'w> Build<'w> {
    /// "Lambda function URLs", "Create AWS Lambda proxy integrations": requests of the internet
    /// become calls of a function.
    pub(crate) fn read_function_entries(&mut self) {
        for o in self.of("aws_lambda_function_url") {
            let open = self.get(o, "authorization_type").text() == Known::Is("NONE");
            let item = self.item(o);
            let presence = match open {
                true => Presence::Sure,
                false => self.maybe(item, "authorization_type", "IAM decides whose requests pass"),
            };
            let view = self.get(o, "function_name");
            if view.is_unknown() {
                self.unsupported(item, "which function it calls is not known", Vec::new());
            }
            self.function_entries(o, view, presence);
        }
        for (ty, path) in CALLERS {
            for o in self.of(ty) {
                let view = self.get(o, path);
                if view.is_absent() {
                    continue;
                }
                let item = self.item(o);
                let presence = self.maybe(item, "", "the API decides which requests pass");
                self.function_entries(o, view, presence);
            }
        }
    }
    fn function_entries(&mut self, o: Obj, view: View<'w>, presence: Presence) {
        let item = self.item(o);
        for function in self.functions_in(o, view) {
            let to = self.node(function);
            let accepts = Some(tcp(443, 443));
            let relay = Relay {
                item,
                from: self.internet,
                accepts,
                to,
                connects: None,
                keeps_client: Tri::No,
                direct: true,
                presence,
            };
            push_new(&mut self.net.relays, relay);
        }
    }

    /// The functions that a text means or contains: by name, by ARN, also of a version or an alias,
    /// also within another ARN or a document. Any, where it is not known or made at runtime.
    fn functions_in(&self, o: Obj, view: View<'w>) -> Vec<Obj> {
        let all = self.of(FUNCTION);
        let text = match view.id() {
            Known::Is(text) => text,
            Known::Absent => return Vec::new(),
            Known::Unknown => return all,
        };
        if let Some(found) = self.find(o, &[FUNCTION, "aws_lambda_alias"], text) {
            if self.ty(found) == FUNCTION {
                return vec![found];
            }
            let Known::Is(name) = self.get(found, "function_name").id() else { return all };
            return self.find(found, &[FUNCTION], name).map_or(all, |f| vec![f]);
        }
        // "Stage variables": which function is meant, each stage of an API says for itself.
        if text.contains("stageVariables.") {
            return all;
        }
        let named = |f: &Obj| {
            let name = self.get(*f, "function_name").id().is().unwrap_or_default();
            let ends = |rest: &str| rest.starts_with([':', '/', '"', '\\']) || rest.is_empty();
            let of_arn = |p: &str| p.strip_prefix(name).is_some_and(ends);
            !name.is_empty()
                && (text.split(":function:").skip(1).any(of_arn)
                    || text.split_once(':').is_some_and(|(before, _)| before == name))
        };
        all.into_iter().filter(named).collect()
    }
}
