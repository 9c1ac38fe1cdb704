//! Functions of providers, as functions of the language.
//!
//! Evaluation is synchronous, and calls of providers are not, so a call waits; each
//! function is asked once for the same arguments.

use crate::context::{Context, Providers};
use groma_config::ModuleNode;
use groma_lang::functions::{Function, FunctionContext, FunctionError, Functions, Parameter, tfvars};
use groma_provider::{FunctionParam, FunctionSignature};
use groma_value::addr::{ModulePath, Provider as ProviderAddr};
use groma_value::{Name, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The functions that each module may call. Modules that know the same providers by the
/// same names share one table.
pub(crate) struct ModuleFunctions {
    context: FunctionContext,
    standard: Functions,
    by_module: RefCell<HashMap<ModulePath, Functions>>,
    by_providers: RefCell<HashMap<Vec<(Name, ProviderAddr)>, Functions>>,
}

impl ModuleFunctions {
    pub fn new(context: FunctionContext) -> ModuleFunctions {
        ModuleFunctions {
            standard: Functions::standard(&context),
            context,
            by_module: RefCell::default(),
            by_providers: RefCell::default(),
        }
    }

    /// The functions of a module: those of the language, and those of the providers
    /// that it requires.
    pub fn of(&self, cx: &Context, node: &ModuleNode) -> Functions {
        if let Some(f) = self.by_module.borrow().get(&node.path) {
            return f.clone();
        }
        let offers = |p: &ProviderAddr| cx.schemas.get(p).is_some_and(|s| !s.functions().is_empty());
        let providers: Vec<(Name, ProviderAddr)> = node
            .module
            .required_providers
            .iter()
            .filter(|(_, r)| offers(&r.source))
            .map(|(local, r)| (local.clone(), r.source.clone()))
            .collect();
        let functions = match providers.is_empty() {
            true => self.standard.clone(),
            false => self
                .by_providers
                .borrow_mut()
                .entry(providers)
                .or_insert_with_key(|p| self.with_providers(cx, p))
                .clone(),
        };
        self.by_module.borrow_mut().insert(node.path.clone(), functions.clone());
        functions
    }

    fn with_providers(&self, cx: &Context, providers: &[(Name, ProviderAddr)]) -> Functions {
        let mut out = Functions::standard(&self.context);
        for (local, addr) in providers {
            let prefix = format!("provider::{local}::");
            if addr.is_builtin() {
                tfvars::functions(&prefix).into_iter().for_each(|f| out.insert(f));
                continue;
            }
            let Some(schemas) = cx.schemas.get(addr) else { continue };
            for (name, signature) in schemas.functions().iter() {
                out.insert(function(&prefix, name, signature, &cx.providers, addr));
            }
        }
        out
    }
}

fn parameter(p: &FunctionParam) -> Parameter {
    Parameter {
        name: p.name.clone().into(),
        ty: p.ty.clone(),
        allow_null: p.allow_null,
        allow_unknown: true,
        allow_dynamic: true,
        allow_marked: false,
        description: p.description.clone().into(),
    }
}

fn function(
    prefix: &str,
    name: &str,
    signature: &FunctionSignature,
    providers: &Arc<dyn Providers>,
    addr: &ProviderAddr,
) -> Function {
    let params: Vec<Parameter> = signature.params.iter().map(parameter).collect();
    let variadic = signature.variadic.as_ref().map(parameter);
    let (providers, addr, called) = (providers.clone(), addr.clone(), name.to_owned());
    let (signature, result) = (signature.clone(), signature.return_type.clone());
    type Answers = HashMap<Vec<Vec<u8>>, Result<Value, FunctionError>>;
    let answers: Mutex<Answers> = Mutex::default();
    Function::with_static_type(format!("{prefix}{name}"), params, variadic, result.clone(), move |args| {
        // Only who says so gets to see what is not known.
        for (i, a) in args.iter().enumerate() {
            let p = signature.params.get(i).or(signature.variadic.as_ref());
            if !a.is_wholly_known() && !p.is_some_and(|p| p.allow_unknown) {
                return Ok(Value::unknown(result.clone()));
            }
        }
        // The encoding for the wire tells arguments apart, types included.
        let key: Option<Vec<Vec<u8>>> = args
            .iter()
            .enumerate()
            .map(|(i, a)| {
                let ty = &signature.params.get(i).or(signature.variadic.as_ref())?.ty;
                groma_value::msgpack::encode(a, ty).ok()
            })
            .collect();
        let known = |k: &Vec<Vec<u8>>| lock(&answers).get(k).cloned();
        if let Some(answer) = key.as_ref().and_then(known) {
            return answer;
        }
        let answer = match providers.call_function(&addr, &called, args) {
            Ok(Ok(v)) => Ok(v),
            Ok(Err((argument, message))) => {
                Err(FunctionError { argument, message: message.trim_end_matches('.').to_owned() })
            }
            // A provider that cannot be asked may be asked again.
            Err(e) => return Err(FunctionError::new(e.to_string().trim_end_matches('.').to_owned())),
        };
        if let Some(k) = key {
            lock(&answers).insert(k, answer.clone());
        }
        answer
    })
}

fn lock<T>(m: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}
