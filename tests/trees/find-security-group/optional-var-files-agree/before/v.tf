variable "prefix" {}
