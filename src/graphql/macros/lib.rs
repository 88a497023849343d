//! The attribute `pages`, which declares the arguments of Relay connections in one place, and the attribute `at_once`,
//! which writes the fields of an object as JSON.

use proc_macro::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{
    FnArg, ImplItem, ImplItemFn, ItemImpl, Pat, Token, Type, parse_macro_input, parse_quote,
};

mod at_once;

/// Goes above `#[Object]`, and below `#[pages]`. Implements `AtOnce` and `WriteJson` for the object: its fields can be
/// written without futures.
#[proc_macro_attribute]
pub fn at_once(_: TokenStream, object: TokenStream) -> TokenStream {
    let object = parse_macro_input!(object as ItemImpl);
    at_once::expand(&object)
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

/// Goes above `#[Object]`. Replaces the parameter `args: PageArgs` of a field by the arguments `first`, `after`, `last`
/// and `before` of the schema. The body of the field still reads all four from `args`.
#[proc_macro_attribute]
pub fn pages(_: TokenStream, object: TokenStream) -> TokenStream {
    let mut object = parse_macro_input!(object as ItemImpl);
    let mut fields = 0_usize;
    for item in &mut object.items {
        if let ImplItem::Fn(field) = item {
            match expanded(field) {
                Ok(true) => fields = fields.saturating_add(1),
                Ok(false) => {}
                Err(error) => return error.to_compile_error().into(),
            }
        }
    }
    if fields == 0 {
        let message = "no field takes `args: PageArgs`";
        let error = syn::Error::new_spanned(&object.self_ty, message);
        return error.to_compile_error().into();
    }
    object.into_token_stream().into()
}

/// Replaces `args: PageArgs` in one field. Returns true if the field had this parameter.
fn expanded(field: &mut ImplItemFn) -> syn::Result<bool> {
    let inputs = std::mem::take(&mut field.sig.inputs);
    let (args, others): (Vec<FnArg>, Vec<FnArg>) = inputs.into_iter().partition(is_page_args);
    field.sig.inputs = others.into_iter().collect();
    if args.is_empty() {
        return Ok(false);
    }
    field.sig.inputs.extend(arguments()?);
    let body = &field.block;
    field.block = parse_quote!({
        let args = PageArgs { first, after, last, before };
        #body
    });
    // The library needs one parameter for each argument of the schema.
    field
        .attrs
        .push(parse_quote!(#[allow(clippy::too_many_arguments)]));
    Ok(true)
}

fn is_page_args(input: &FnArg) -> bool {
    let FnArg::Typed(input) = input else {
        return false;
    };
    let is_named = matches!(&*input.pat, Pat::Ident(name) if name.ident == "args");
    is_named && matches!(&*input.ty, Type::Path(of) if of.path.is_ident("PageArgs"))
}

/// The four arguments with their descriptions in the schema.
fn arguments() -> syn::Result<Punctuated<FnArg, Token![,]>> {
    let arguments = quote! {
        #[graphql(desc = "Number of edges from the start of the range: 1 to `serviceConfig.maxPageSize`; \
            `serviceConfig.defaultPageSize` if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only edges after the edge with this cursor. The cursor must come from this list, with the same filter and order.")]
        after: Option<String>,
        #[graphql(desc = "Number of edges from the end of the range: 1 to `serviceConfig.maxPageSize`. Cannot be combined with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only edges before the edge with this cursor. The cursor must come from this list, with the same filter and order.")]
        before: Option<String>,
    };
    Punctuated::parse_terminated.parse2(arguments)
}
