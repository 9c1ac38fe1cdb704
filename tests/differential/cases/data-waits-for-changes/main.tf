variable "v" { default = 1 }
resource "terraform_data" "x" {
  input = var.v
}
resource "terraform_data" "r" {
  input      = "./read.tfstate"
  depends_on = [terraform_data.x]
}
resource "terraform_data" "up" {
  input            = "./read.tfstate"
  triggers_replace = var.v
}
resource "terraform_data" "up2" {
  input = var.v == 1 ? "./read.tfstate" : "././read.tfstate"
}
resource "terraform_data" "less" {
  count = 3 - var.v
  input = "./read.tfstate"
}
locals { p = terraform_data.up.input }
data "terraform_remote_state" "noop_of_pending" {
  backend = "local"
  config  = { path = terraform_data.r.input }
}
data "terraform_remote_state" "replaced" {
  backend = "local"
  config  = { path = terraform_data.up.input }
}
data "terraform_remote_state" "updated" {
  backend = "local"
  config  = { path = terraform_data.up2.input }
}
data "terraform_remote_state" "chain" {
  backend = "local"
  config  = { path = data.terraform_remote_state.replaced.config.path }
}
data "terraform_remote_state" "less" {
  backend = "local"
  config  = { path = terraform_data.less[0].input }
}
data "terraform_remote_state" "lesslen" {
  count   = length(terraform_data.less)
  backend = "local"
  config  = { path = "./read.tfstate" }
}
data "terraform_remote_state" "pre" {
  backend = "local"
  config  = { path = "./read.tfstate" }
  lifecycle {
    precondition {
      condition     = terraform_data.up.input != ""
      error_message = "x"
    }
  }
}
data "terraform_remote_state" "post" {
  backend = "local"
  config  = { path = "./read.tfstate" }
  lifecycle {
    postcondition {
      condition     = terraform_data.up.input != ""
      error_message = "x"
    }
  }
}
data "terraform_remote_state" "wk" {
  backend   = "local"
  workspace = try(terraform_data.up.triggers_replace, 1) == 5 ? "x" : "default"
  config    = { path = "./read.tfstate" }
}
data "terraform_remote_state" "foreach" {
  for_each = toset([terraform_data.up.input])
  backend  = "local"
  config   = { path = each.value }
}
data "terraform_remote_state" "dep" {
  backend    = "local"
  config     = { path = "./read.tfstate" }
  depends_on = [terraform_data.r]
}
check "c" {
  data "terraform_remote_state" "chk" {
    backend = "local"
    config  = { path = terraform_data.up.input }
  }
  assert {
    condition     = data.terraform_remote_state.chk.outputs.a == "hello"
    error_message = "no"
  }
}

module "behind" {
  source = "./m"
  path   = terraform_data.up.input
}

data "terraform_remote_state" "behind_module" {
  backend    = "local"
  config     = { path = "./read.tfstate" }
  depends_on = [module.behind]
}

data "terraform_remote_state" "behind_local" {
  backend = "local"
  config  = { path = local.p }
}
