#pragma once
// What the check of a signature needs and OpenSSL's own check passes over, or offers as macros only.
#include <openssl/asn1.h>
#include <openssl/cms.h>
#include <openssl/objects.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

// How many certificates a message holds.
static inline int vitrine_certificate_count(CMS_ContentInfo *cms) {
  STACK_OF(X509) *all = CMS_get1_certs(cms);
  int count = all ? sk_X509_num(all) : 0;
  if (all) sk_X509_pop_free(all, X509_free);
  return count;
}

// One of the certificates, to be freed by the caller; NULL if there is none of that number.
static inline X509 *vitrine_certificate_at(CMS_ContentInfo *cms, int index) {
  STACK_OF(X509) *all = CMS_get1_certs(cms);
  X509 *found = all && index < sk_X509_num(all) ? sk_X509_value(all, index) : NULL;
  if (found) X509_up_ref(found);
  if (all) sk_X509_pop_free(all, X509_free);
  return found;
}

static inline int vitrine_has_crls(CMS_ContentInfo *cms) {
  STACK_OF(X509_CRL) *all = CMS_get1_crls(cms);
  if (!all) return 0;
  sk_X509_CRL_pop_free(all, X509_CRL_free);
  return 1;
}

// The only signer of a message; NULL if there are none or several.
static inline CMS_SignerInfo *vitrine_only_signer_info(CMS_ContentInfo *cms) {
  STACK_OF(CMS_SignerInfo) *all = CMS_get0_SignerInfos(cms);
  return all && sk_CMS_SignerInfo_num(all) == 1 ? sk_CMS_SignerInfo_value(all, 0) : NULL;
}

// Steps over a DER element; into it if `enter`. 1 if it has that tag (universal, or context-specific with 0xA0).
static inline int vitrine_der(const unsigned char **place, long *left, int tag, int tag_class, int enter) {
  const unsigned char *start = *place;
  long length;
  int found_tag, found_class;
  int flags = ASN1_get_object(place, &length, &found_tag, &found_class, *left);
  if (flags & 0x80 || found_tag != tag || found_class != tag_class) return 0;
  if (!enter) *place += length;
  *left = enter ? length : *left - (long)(*place - start);
  return 1;
}

// The versions that a SignedData of RFC 5652 and its first signer give themselves; 0 if they cannot be found.
static inline int vitrine_cms_versions(const unsigned char *der, long length, long *data, long *signer) {
  const unsigned char *p = der;
  long left = length;
  *data = *signer = 0;
  if (!vitrine_der(&p, &left, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, 1)) return 0;
  if (!vitrine_der(&p, &left, V_ASN1_OBJECT, V_ASN1_UNIVERSAL, 0)) return 0;
  if (!vitrine_der(&p, &left, 0, V_ASN1_CONTEXT_SPECIFIC, 1)) return 0;
  if (!vitrine_der(&p, &left, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, 1)) return 0;
  if (left < 3 || p[0] != V_ASN1_INTEGER || p[1] != 1) return 0;
  *data = p[2];
  if (!vitrine_der(&p, &left, V_ASN1_INTEGER, V_ASN1_UNIVERSAL, 0)) return 0;
  if (!vitrine_der(&p, &left, V_ASN1_SET, V_ASN1_UNIVERSAL, 0)) return 0;
  if (!vitrine_der(&p, &left, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, 0)) return 0;
  while (left > 0 && (p[0] == 0xA0 || p[0] == 0xA1))
    if (!vitrine_der(&p, &left, p[0] & 0x1F, V_ASN1_CONTEXT_SPECIFIC, 0)) return 0;
  if (!vitrine_der(&p, &left, V_ASN1_SET, V_ASN1_UNIVERSAL, 1)) return 0;
  if (!vitrine_der(&p, &left, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, 1)) return 0;
  if (left < 3 || p[0] != V_ASN1_INTEGER || p[1] != 1) return 0;
  *signer = p[2];
  return 1;
}

// Whether an algorithm stands without parameters, or with NULL.
static inline int vitrine_is_plain_algorithm(const X509_ALGOR *algorithm, int *nid) {
  const ASN1_OBJECT *object;
  int type;
  X509_ALGOR_get0(&object, &type, NULL, algorithm);
  *nid = OBJ_obj2nid(object);
  return type == V_ASN1_UNDEF || type == V_ASN1_NULL;
}

// The certificate of the only signer of a time-stamp token, if the token holds it; not owned by the caller's stack.
static inline X509 *vitrine_token_signer(PKCS7 *token) {
  STACK_OF(X509) *signers = PKCS7_get0_signers(token, NULL, 0);
  X509 *only = signers && sk_X509_num(signers) == 1 ? sk_X509_value(signers, 0) : NULL;
  if (only) X509_up_ref(only);
  if (signers) sk_X509_free(signers);
  return only;
}

static inline int vitrine_token_certificate_count(PKCS7 *token) {
  return PKCS7_type_is_signed(token) && token->d.sign->cert ? sk_X509_num(token->d.sign->cert) : 0;
}

static inline X509 *vitrine_token_certificate_at(PKCS7 *token, int index) {
  X509 *found = sk_X509_value(token->d.sign->cert, index);
  if (found) X509_up_ref(found);
  return found;
}

// Whether a chain of certificates leads from one certificate to a trusted one at a time. `others` may be NULL.
static inline int vitrine_verify_chain(X509 *leaf, X509 **others, int other_count, X509 **trusted, int trusted_count,
                                       time_t at) {
  X509_STORE *store = X509_STORE_new();
  X509_STORE_CTX *context = X509_STORE_CTX_new();
  STACK_OF(X509) *untrusted = sk_X509_new_null();
  int good = store && context && untrusted;
  for (int i = 0; good && i < other_count; i++) good = sk_X509_push(untrusted, others[i]) > 0;
  for (int i = 0; good && i < trusted_count; i++) good = X509_STORE_add_cert(store, trusted[i]) == 1;
  if (good && X509_STORE_CTX_init(context, store, leaf, untrusted) == 1) {
    X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_time(rules, at);
    // 112 bits of security for every key and digest of the chain: no SHA-1, no RSA of less than 2048 bits.
    X509_VERIFY_PARAM_set_auth_level(rules, 2);
    good = X509_verify_cert(context) == 1;
  } else {
    good = 0;
  }
  sk_X509_free(untrusted);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return good;
}
