variable "name" {
  type = string
}

module "vpc" {
  source = "../vpc"

  name = var.name
  cidr = "10.40.0.0/16"
  azs  = ["a", "b"]
}

module "public" {
  source = "../subnets"

  name   = var.name
  tier   = "public"
  vpc_id = module.vpc.id
  igw_id = module.vpc.igw_id
  cidrs  = { us-west-2a = "10.40.96.0/24" }
}

module "private" {
  source = "../subnets"

  name   = var.name
  tier   = "private"
  vpc_id = module.vpc.id
  cidrs  = { us-west-2a = "10.40.0.0/20", us-west-2b = "10.40.16.0/20" }
}

output "vpc_id" {
  value = module.vpc.id
}

output "private_subnet_ids" {
  value = module.private.ids
}
