locals {
  account = yamldecode(file(find_in_parent_folders("account.yaml")))
}

inputs = {
  env = local.account.env
}
