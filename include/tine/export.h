/* SPDX-License-Identifier: MIT */
/* export.h - attributes that the public headers use. */
#ifndef TINE_EXPORT_H
#define TINE_EXPORT_H

#ifdef __cplusplus
#define TINE_BEGIN_DECLS extern "C" {
#define TINE_END_DECLS }
#else
#define TINE_BEGIN_DECLS
#define TINE_END_DECLS
#endif

#define TINE_API __attribute__((visibility("default")))
#define TINE_NODISCARD __attribute__((warn_unused_result))
#define TINE_NORETURN __attribute__((noreturn))
#define TINE_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#endif
