//! The arguments of a connection, said once.

use proc_macro::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{
    FnArg, ImplItem, ImplItemFn, ItemImpl, Pat, Token, Type, parse_macro_input, parse_quote,
};

/// Stands above `#[Object]`: a field that takes an argument `asked: Asked` takes `first`, `after`, `last` and `before`
/// in its place, in the schema, and has all four as `asked` in its body.
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
        let message = "no field takes `asked: Asked`";
        let error = syn::Error::new_spanned(&object.self_ty, message);
        return error.to_compile_error().into();
    }
    object.into_token_stream().into()
}

/// Gives a field the arguments, where it asks for them; true where it does.
fn expanded(field: &mut ImplItemFn) -> syn::Result<bool> {
    let inputs = std::mem::take(&mut field.sig.inputs);
    let (asked, others): (Vec<FnArg>, Vec<FnArg>) = inputs.into_iter().partition(is_asked);
    field.sig.inputs = others.into_iter().collect();
    if asked.is_empty() {
        return Ok(false);
    }
    field.sig.inputs.extend(arguments()?);
    let body = &field.block;
    field.block = parse_quote!({
        let asked = Asked { first, after, last, before };
        #body
    });
    // Each argument of the schema is a parameter.
    field
        .attrs
        .push(parse_quote!(#[allow(clippy::too_many_arguments)]));
    Ok(true)
}

fn is_asked(input: &FnArg) -> bool {
    let FnArg::Typed(input) = input else {
        return false;
    };
    let is_named = matches!(&*input.pat, Pat::Ident(name) if name.ident == "asked");
    is_named && matches!(&*input.ty, Type::Path(of) if of.path.is_ident("Asked"))
}

/// The arguments, as the schema describes them.
fn arguments() -> syn::Result<Punctuated<FnArg, Token![,]>> {
    let arguments = quote! {
        #[graphql(desc = "The first so many: 1 to 100, 25 if left out, or as `serviceConfig` says.")]
        first: Option<i32>,
        #[graphql(desc = "Those after the edge with this cursor.")]
        after: Option<String>,
        #[graphql(desc = "The last so many: 1 to 100, or as `serviceConfig` says.")]
        last: Option<i32>,
        #[graphql(desc = "Those before the edge with this cursor.")]
        before: Option<String>,
    };
    Punctuated::parse_terminated.parse2(arguments)
}
