variable "aws_region" {
  description = "Region of the deployment"
  type        = string
  default     = "us-west-2"
}

variable "project_name" {
  description = "Prefix of all names"
  type        = string
  default     = "bond-ai"
}

variable "environment" {
  description = "dev, staging or prod"
  type        = string
  default     = "dev"
}

variable "existing_vpc_id" {
  description = "The VPC that the network team runs"
  type        = string
}

variable "okta_domain" {
  description = "Where users log in"
  type        = string
  default     = "bond.okta.com"
}

variable "okta_secret_arn" {
  description = "Secrets Manager secret with the Okta client's credentials"
  type        = string
}
