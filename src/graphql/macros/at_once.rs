//! The attribute `at_once`: writes the fields of an object without futures.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{
    Attribute, Expr, FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, LitStr, Meta, Pat, PatType,
    Token, Type,
};

/// The object, and the implementation of `AtOnce` and `WriteJson` for it.
pub fn expand(object: &ItemImpl) -> syn::Result<TokenStream> {
    let methods = object.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    });
    let (mut arms, mut flattened) = (Vec::new(), Vec::new());
    for method in methods {
        let options = Options::of(&method.attrs)?;
        if options.is_flat {
            let name = &method.sig.ident;
            flattened.push(quote! {
                if let Some(inner) = futures_util::future::FutureExt::now_or_never(self.#name(ctx)) {
                    return crate::engine::at_once::AtOnce::write_field(&inner, ctx, to);
                }
            });
        } else if let Some(arm) = arm(method, options)? {
            arms.push(arm);
        }
    }
    let (generics, _, bounds) = object.generics.split_for_impl();
    let of = &object.self_ty;
    Ok(quote! {
        #object

        impl #generics crate::engine::at_once::AtOnce for #of #bounds {
            fn name(&self) -> std::borrow::Cow<'static, str> {
                <Self as async_graphql::OutputType>::introspection_type_name(self)
            }

            fn write_field(
                &self,
                ctx: &async_graphql::Context<'_>,
                to: &mut crate::engine::at_once::Sink,
            ) -> bool {
                #[allow(unused_imports, reason = "an object may have fields of one kind only")]
                use crate::engine::at_once::{ByEnum as _, ByResolver as _, ByWriter as _};
                match ctx.item.node.name.node.as_str() {
                    #(#arms)*
                    _ => {
                        #(#flattened)*
                        false
                    }
                }
            }
        }

        impl #generics crate::engine::at_once::WriteJson for #of #bounds {
            fn write(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                to: &mut crate::engine::at_once::Sink,
            ) -> bool {
                crate::engine::at_once::write_object(ctx, self, to)
            }
        }
    })
}

/// Writes one field. `None` for a method that is no field, or that has an argument with a rule of its own.
fn arm(method: &ImplItemFn, options: Options) -> syn::Result<Option<TokenStream>> {
    if method.sig.asyncness.is_none() || options.is_skipped || options.is_special {
        return Ok(None);
    }
    let (mut read, mut given) = (Vec::new(), Vec::new());
    for input in method.sig.inputs.iter().skip(1) {
        let FnArg::Typed(input) = input else {
            continue;
        };
        if is_context(&input.ty) {
            continue;
        }
        let Some((read_one, name)) = argument(input)? else {
            return Ok(None);
        };
        read.push(read_one);
        given.push(name);
    }
    let name = &method.sig.ident;
    let field = options
        .name
        .unwrap_or_else(|| camel(&name.unraw().to_string()));
    Ok(Some(quote! {
        #field => crate::engine::at_once::apart(|| {
            #(#read)*
            let Some(found) = crate::engine::at_once::ready(self.#name(ctx #(, #given)*)) else {
                return false;
            };
            let below = ctx.with_selection_set(&ctx.item.node.selection_set);
            (&&&crate::engine::at_once::Found(&found)).write_as(&below, ctx.item, to)
        }),
    }))
}

/// Reads one argument. `None` if it has a rule of its own.
fn argument(input: &PatType) -> syn::Result<Option<(TokenStream, Ident)>> {
    let Pat::Ident(pattern) = &*input.pat else {
        return Ok(None);
    };
    let options = Options::of(&input.attrs)?;
    if options.is_special {
        return Ok(None);
    }
    let (name, ty) = (&pattern.ident, &input.ty);
    let written = options
        .name
        .unwrap_or_else(|| camel(&name.unraw().to_string()));
    let default = if let Some(default) = options.default {
        quote!(Some(|| -> #ty { #default }))
    } else {
        quote!(None)
    };
    let name = format_ident!("arg_{}", name.unraw());
    let read = quote! {
        let Ok((_, #name)) = ctx.param_value::<#ty>(#written, #default) else {
            return false;
        };
    };
    Ok(Some((read, name)))
}

fn is_context(ty: &Type) -> bool {
    let Type::Reference(reference) = ty else {
        return false;
    };
    matches!(&*reference.elem, Type::Path(of) if of.path.segments.last().is_some_and(|last| last.ident == "Context"))
}

/// The options of `#[graphql(…)]` that matter here.
#[derive(Default)]
struct Options {
    name: Option<String>,
    default: Option<Expr>,
    is_flat: bool,
    is_skipped: bool,
    /// True if there is an option that only the library knows how to apply.
    is_special: bool,
}

impl Options {
    fn of(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut found = Self::default();
        for attribute in attributes {
            if !attribute.path().is_ident("graphql") {
                continue;
            }
            let all = attribute.parse_args_with(
                syn::punctuated::Punctuated::<Meta, Token![,]>::parse_terminated,
            )?;
            for one in all {
                found.add(&one)?;
            }
        }
        Ok(found)
    }

    fn add(&mut self, option: &Meta) -> syn::Result<()> {
        let path = option.path();
        let text = || -> syn::Result<LitStr> {
            let value = &option.require_name_value()?.value;
            syn::parse2(quote!(#value))
        };
        if path.is_ident("name") {
            self.name = Some(text()?.value());
        } else if path.is_ident("default_with") {
            self.default = Some(text()?.parse()?);
        } else if path.is_ident("default") {
            match option {
                Meta::NameValue(given) => {
                    let value = &given.value;
                    self.default = Some(syn::parse2(quote!(#value.into()))?);
                }
                _ => self.default = Some(syn::parse2(quote!(Default::default()))?),
            }
        } else if path.is_ident("flatten") {
            self.is_flat = true;
        } else if path.is_ident("skip") {
            self.is_skipped = true;
        } else if ![
            "desc",
            "deprecation",
            "visible",
            "tag",
            "directive",
            "external",
            "shareable",
        ]
        .iter()
        .any(|known| path.is_ident(known))
        {
            self.is_special = true;
        }
        Ok(())
    }
}

/// The name of a field or argument in the schema.
fn camel(name: &str) -> String {
    let mut words = name.split('_').filter(|word| !word.is_empty());
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}
