d = "x.auto.tfvars"
e = "x.auto.tfvars"
