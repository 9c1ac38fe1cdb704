# try() makes of what is not known something of unknown type.
resource "terraform_data" "r" {
  input = 1
}

locals {
  any    = try(terraform_data.r.id, "")
  number = terraform_data.r.output
}

output "all" {
  value = {
    v00 = flatten([for f in ["%v:*", "%v"] : format(f, local.any)])
    v01 = flatten([format("%s", local.number), "x"])
    v02 = flatten([join("-", [local.any, "z"])])
    v03 = flatten([replace(local.any, "a", "b")])
    v04 = flatten([lower(local.any)])
    v05 = flatten(["x${local.any}"])
    v06 = flatten([coalesce(local.any, "b")])
    v07 = flatten([compact([local.any, "b"])])
    v08 = flatten([tostring(local.any)])
    v09 = flatten([jsonencode(local.any)])
    v10 = flatten([[local.any], ["b"]])
    v11 = concat([local.any], ["b"])
    v12 = flatten([sha1(local.any)])
    v13 = flatten([local.any == "x"])
    v14 = flatten([length(local.any)])
    v15 = flatten([split(",", local.any)])
    v16 = flatten([can(local.any)])
    v17 = flatten([formatlist("%s", [local.any])])
    v18 = flatten([local.any[0]])
    v19 = flatten([trimspace(local.any)])
    v20 = merge({ a = 1 }, local.any)
    v21 = flatten([lookup({ a = local.any }, "a", "b")])
    v22 = flatten([element([local.any], 0)])
    v23 = distinct([local.any, "b"])
    v24 = flatten([base64encode(local.any)])
    v25 = flatten([local.any != "" ? local.any : "x"])
    v26 = flatten([one([local.any])])
    v27 = flatten([max(1, local.any)])
    v28 = flatten([cidrsubnet(local.any, 1, 2)])
    v29 = flatten([local.any + 1])
    v30 = flatten([jsondecode(local.any)])
    v31 = { for k, v in { a = local.any } : k => v }
    v32 = { for v in [local.any] : v => 1 }
    v33 = [for v in [local.any] : v if v != ""]
    v34 = setunion([local.any], ["b"])
    v35 = toset([local.any, "b"])
    v36 = tolist([local.any, "b"])
    v37 = zipmap(["a"], [local.any])
    v38 = keys({ a = local.any })
    v39 = values({ a = local.any })
    v40 = flatten([!local.any])
    v41 = flatten([-local.any])
    v42 = flatten([local.any && true])
    v43 = flatten([sum([1, local.any])])
    v44 = slice([local.any, 1], 0, 1)
    v45 = reverse([local.any, 1])
    v46 = chunklist([local.any, 1], 1)
    v47 = sort([local.any, "b"])
    v48 = matchkeys([local.any], ["a"], ["a"])
    v49 = regexall("a", local.any)
    v50 = contains([local.any], "a")
    v51 = flatten([try(local.any, "x")])
    v52 = flatten([nonsensitive(local.any)])
    v53 = flatten([timeadd("2020-01-01T00:00:00Z", local.any)])
    v54 = flatten([startswith(local.any, "a")])
    v55 = coalescelist([local.any], ["x"])
    v56 = setproduct([local.any], ["x"])
    v57 = transpose({ a = [local.any] })
    v58 = flatten([urlencode(local.any), md5(local.any)])
    v59 = flatten([format("%v:*", local.any)])
    v60 = flatten([format("%s", local.any)])
    v61 = flatten([format("%s", local.number)])
    v62 = flatten([format("x%s", local.number), "x"])
    v63 = flatten([format("%v", local.number), "x"])
    v64 = [for f in ["%v:*", "%v"] : format(f, local.any)]
    v65 = flatten([for f in ["%v:*", "%v"] : f])
    v66 = flatten([for f in ["%v:*", "%v"] : "${f}${local.any}"])
    v67 = flatten([for f in ["%v:*", "%v"] : local.any])
    v68 = flatten([local.any, local.any])
    v69 = flatten([for f in ["%v:*", "%v"] : terraform_data.r.id])
    v70 = flatten([for f in ["%v:*", "%v"] : format(f, terraform_data.r.id)])
    v71 = flatten([for f in ["%v:*", "%v"] : lower(local.any)])
    v72 = flatten([for f in ["%v:*", "%v"] : lower(local.number)])
    v73 = flatten([format("%v", [local.any])])
    v74 = [format("%v", local.any)]
    v75 = flatten([format("%v", { a = local.any })])
    v76 = flatten([format("%d", local.any), "a"])
    v77 = flatten([lower(local.any), "a"])
    v78 = flatten([local.any, "a"])
    v79 = flatten([format(local.any, "x"), "a"])
    v80 = flatten([format(local.number, local.any), "a"])
    v81 = [for f in formatlist("%s", local.any) : f]
    v82 = try(flatten([format("%s", local.any)])[0], "none")
  }
}
