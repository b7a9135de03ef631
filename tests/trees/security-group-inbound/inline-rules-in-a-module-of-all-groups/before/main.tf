module "security" {
  source = "./security"
}

module "app" {
  source = "./app"

  security_group_id = module.security.app_security_group_id
}
