f = "other.tfvars"
