output "all" {
  value = {
    host     = [cidrhost("10.0.0.0/8", 5), cidrhost("10.0.0.0/24", -1), cidrhost("fd00::/64", 258)]
    netmask  = cidrnetmask("172.16.0.0/12")
    subnet   = [cidrsubnet("10.0.0.0/16", 8, 3), cidrsubnet("fd00:1::/56", 8, 162)]
    subnets  = cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)
    contains = [for c in cidrsubnets("10.0.0.0/8", 8, 8) : cidrhost(c, 1)]
  }
}
