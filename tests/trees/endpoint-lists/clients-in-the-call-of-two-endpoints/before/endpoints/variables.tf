variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "services" {
  type = list(string)
}

variable "allowed_security_groups" {
  type = list(string)
}
